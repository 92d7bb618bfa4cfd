"""Reading text so that every value keeps its place: Source, Span, Tree, a reader per syntax."""
