package io.github.headlock.benchmark;

import java.util.List;

/**
 * A part that measures nothing itself.
 */
final class TestPart implements Part {

	private final List<Goal> goals;

	private final List<Metric> metrics;

	TestPart(Metric... metrics) {
		this(List.of(), metrics);
	}

	TestPart(List<Goal> goals, Metric... metrics) {
		this.goals = List.copyOf(goals);
		this.metrics = List.of(metrics);
	}

	@Override
	public String name() {
		return "part";
	}

	@Override
	public String title() {
		return "Title";
	}

	@Override
	public List<Variant> variants() {
		return List.of(Variant.PLAIN, Variant.HEADLOCK);
	}

	@Override
	public List<Metric> metrics() {
		return this.metrics;
	}

	@Override
	public List<Metric> drawn() {
		return this.metrics;
	}

	@Override
	public List<Goal> goals() {
		return this.goals;
	}

	@Override
	public void run(Results results) {
		throw new UnsupportedOperationException();
	}

}
