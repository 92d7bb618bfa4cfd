"""The two formats in which GitLab takes results into a merge request, besides JUnit."""
