"""What runs: machines, tasks and functions, with the role, network and secrets of each."""
