"""The composition root: the only package that knows every component, and the face that a learner types at.

`world.py` puts machines, processes and components together as kubeadm and systemd would; `cluster.py` is the
public class, `door.py` the part of it that talks to the API server by hand (`answer.py`, `listening.py`, and
`road.py`: the stations of a request); `faults.py` breaks things, `history.py` lives a past again, `steps.py`
says what is worth a sentence, `presenter.py` is the seam to the pictures above.
"""

from .answer import Answer
from .cluster import Cluster
from .errors import LearnerError, Output
from .listening import Listener
from .presenter import Presenter, Story, use_presenter
from .steps import is_step
from .targets import MachineView, Part

__all__ = [
    "Answer",
    "Cluster",
    "LearnerError",
    "Listener",
    "MachineView",
    "Output",
    "Part",
    "Presenter",
    "Story",
    "is_step",
    "use_presenter",
]
