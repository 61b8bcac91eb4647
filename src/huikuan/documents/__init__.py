"""文书 documents: letters, agreements and statements drawn as PDF from data and layout files. No tables."""
