"""How often a schedule runs, in the notations of AWS, crontab(5) and systemd."""
