"""Bringing raw scores to 0…100. Upstream: `pkg/scheduler/framework/plugins/helper/normalize_score.go`."""

from __future__ import annotations

from ..framework import MAX_NODE_SCORE


def default_normalize(scores: list[int], *, reverse: bool = False) -> list[int]:
    """Each score as a share of the greatest, in whole hundredths; `reverse` turns best into worst."""
    greatest = max(scores, default=0)
    if greatest == 0:
        return [MAX_NODE_SCORE] * len(scores) if reverse else list(scores)
    shares = [MAX_NODE_SCORE * score // greatest for score in scores]
    return [MAX_NODE_SCORE - share for share in shares] if reverse else shares
