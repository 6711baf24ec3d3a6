"""Live views for notebooks: anywidget classes over the frames of `k8scourse.diagrams`, and their ES module.

Kubernetes has dashboards; this is none. Python owns state and time, the browser draws: a board sends frames and
takes commands, and goes through the cluster's one lock. Imported lazily: without anywidget everything else works.
Lesson 00 uses the board.
"""
