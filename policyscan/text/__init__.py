"""Reading text so that every value keeps its place: Source, Span, Tree and one reader per syntax."""
