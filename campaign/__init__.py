"""The reliability campaign: what goes wrong on real machines, done on purpose, many times.

    python -m campaign                              all parts, every trial
    python -m campaign kills fuzzing                these parts
    python -m campaign kills --seed 1 --trial 37    one trial again

Every trial follows from the seed and its number. Counts go to ``results/campaign``, from where
``tools/write_docs.py`` puts them into docs/reliability.md. None of this is part of the tests,
which run a few trials of every part.
"""
