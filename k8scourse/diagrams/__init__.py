"""From a cluster to a picture: text first, picture second, widget third.

Nothing of this exists in Kubernetes. What is drawn is read from the API objects, the parts and the trace of a
cluster; nothing here changes them.

    reading    what an API object looks like to somebody who looks: state, short name, shares
    scene      what is there: boxes with stable ids, links, the messages of one step; no coordinates
    packer     where it is: our own board layout, sticky slots, boxes that never shrink
    history    one snapshot per step, so that the past can be looked at
    narration  one sentence per step, per language and vocabulary
    svg        a still picture; the same drawing as `widgets/board.js`, string for string
    summary    the same as text
    export     what a notebook stores, and a player page with recorded frames

Left out so far: the other views (ownership, scheduling, etcd, routing, timeline, fleet) and several
control-plane nodes side by side beyond plain segments. Lesson 00 shows the board.
"""
