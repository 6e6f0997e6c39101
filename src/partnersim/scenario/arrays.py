"""Another name of `partnersim.scenario.compile`, until nobody uses it."""

from partnersim.scenario.compile import alike as alike
from partnersim.scenario.compile import prepare as prepare
from partnersim.scenario.compile import prepare_again as prepare_again
