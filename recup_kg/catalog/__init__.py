"""What a store holds as entries of FAIR catalogues: DCAT, VoID, FAIR Data Point, schema.org."""
