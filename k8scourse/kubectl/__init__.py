"""kubectl: what people type, and what it prints.

What the real one does: it is a client like every other. It reads a command line and files, asks the API server,
and prints what comes back; it decides nothing, and the cluster does not know whether a request came from it.

Ours is the same in Python over `k8scourse.client` alone, so it works in a notebook's cell and in the browser.
Output, errors and exit codes are those of kubectl 1.36; a test types the same lines into the real one and compares.
Left out, and refused with a sentence: contexts and kubeconfig, exec, attach, cp, port-forward, proxy, edit, debug,
top, autoscale, certificate, plugins, watching (`-w`, `logs -f`), pruning, go-template; `explain` prints what the
server's documents say, which is less prose than upstream's.

Lesson 00 uses it from the first cell on. Upstream: `staging/src/k8s.io/kubectl/pkg/cmd`.

    kubectl.py    from a command line to a result      flags.py      pflag's rules
    session.py    what a running command holds         resources.py  which objects are meant
    manifests.py  reading -f                           errors.py     how failures are printed
    output.py, jsonpath.py, columns.py, tabwriter.py, yamltext.py    printing
    discovered.py what the server serves               modeltext.py  what explain reads out of its documents
    verbs.py      the table of commands; one file per verb or group of verbs; describe/ one per kind
"""

from .kubectl import Kubectl, Result

__all__ = ["Kubectl", "Result"]
