"""Rules: what a message and the documents of a trade must satisfy, as rows of content that name words of a vocabulary."""
