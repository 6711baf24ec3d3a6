"""The world that a cluster runs in: time, chance, machines, processes, the network, and a record of it all.

Nothing here knows Kubernetes. Time is a number (integer nanoseconds since the scenario's epoch) and moves only
when an event is run, so a whole history can be stepped, repeated and taken back. Real clusters have none of
this: what stands in for it are clocks, kernels and cables.
"""

from random import Random

from .kernel import MILLISECOND, MINUTE, SECOND, Instrument, Simulation, SimulationError, seconds
from .machine import Machine
from .network import Connection, Network
from .process import Process
from .trace import Record, Trace

__all__ = [
    "MILLISECOND",
    "MINUTE",
    "SECOND",
    "Connection",
    "Instrument",
    "Machine",
    "Network",
    "Process",
    "Random",
    "Record",
    "Simulation",
    "SimulationError",
    "Trace",
    "seconds",
]
