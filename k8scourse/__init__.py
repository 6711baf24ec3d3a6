"""A Kubernetes control plane small enough to read, real enough for kubectl, drawn live."""
