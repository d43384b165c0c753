"""The languages of readers: catalogues of words, and sentences that are made once and said in each."""
