"""A Kubernetes control plane small enough to read, real enough for kubectl, drawn live.

General layout, from the bottom up; an upper layer may import a lower one, never the other way:

    words        every word a learner sees, in two languages
    sim          time, chance, machines, processes, network, trace
    api          what the wire says: kinds, defaults, validation, patches, selectors, tables
    etcd         the store
    apiserver    handle(Request) -> Response
    client       transport, informers, work queues
    runtime      CRI, images, simulated programs
    scheduler | controllers | kubelet | kubeproxy | kubectl     the components
    cluster      puts all of it together: `Cluster`
    diagrams     trace and objects -> pictures and sentences
    lessons      bets, checks, hints, quizzes
    widgets      the live board in a notebook
    magics       %kubectl and %%apply
    notebook     what an import does inside a notebook

What is exported here is what a learner types.
"""

from __future__ import annotations

import sys

from .cluster import Cluster, LearnerError, use_presenter
from .lessons import check, hint, outcome, predict, quiz
from .widgets.presenter import Presenter
from .words import use as use_language

__all__ = ["Cluster", "LearnerError", "check", "hint", "outcome", "predict", "quiz", "use_language"]
__version__ = "0.1.0"

use_presenter(Presenter())

if "IPython" in sys.modules:
    from .notebook import arrive

    arrive()
