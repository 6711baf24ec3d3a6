"""The scheduler's plugins: one rule per file, each at its extension points; `registry` lists them.

Names, weights, formulas and messages are those of upstream's `pkg/scheduler/framework/plugins`.
"""
