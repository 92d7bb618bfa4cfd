"""How log4j2 and logback are configured."""
