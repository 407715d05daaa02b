"""What a site publishes: its catalogue in DCAT 3, as a FAIR Data Point, VoID and schema.org, and what is missing in it."""
