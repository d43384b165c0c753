"""From hostile bytes to a canonical document and back: JSON, XML, and the schemas that are published for both. Pure."""
