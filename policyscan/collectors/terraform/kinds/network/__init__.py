"""Who may reach what: security groups, VPCs with their routes and gateways, and listeners."""
