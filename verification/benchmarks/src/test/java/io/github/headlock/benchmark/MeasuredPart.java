package io.github.headlock.benchmark;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A part that measures its variants in turns, round by round.
 */
abstract class MeasuredPart implements Part {

	private final Topic topic;

	private final Bench bench;

	private final int rounds;

	/**
	 * Creates the part.
	 * @param topic what it is about
	 * @param bench what all parts share
	 * @param rounds how often each is measured
	 */
	MeasuredPart(Topic topic, Bench bench, int rounds) {
		this.topic = topic;
		this.bench = bench;
		this.rounds = rounds;
	}

	@Override
	public final String name() {
		return this.topic.name();
	}

	@Override
	public final String title() {
		return this.topic.title();
	}

	@Override
	public final List<Variant> variants() {
		return this.topic.variants();
	}

	@Override
	public final List<Metric> metrics() {
		return this.topic.metrics();
	}

	@Override
	public final List<Metric> drawn() {
		return this.topic.drawn();
	}

	final Bench bench() {
		return this.bench;
	}

	final int rounds() {
		return this.rounds;
	}

	/** Measures each variant once in each round. */
	final void measure(Results results, String situation, Trial trial) throws Exception {
		for (int round = 1; round <= this.rounds; round++) {
			Map<Variant, Map<Metric, Double>> values = new LinkedHashMap<>();
			for (Variant variant : Bench.order(variants(), round)) {
				values.put(variant, trial.run(variant, round));
			}
			compare(values);
			for (Map.Entry<Variant, Map<Metric, Double>> one : values.entrySet()) {
				results.add(new Measurement(name(), situation, one.getKey(), round, one.getValue()));
			}
			this.bench.out().println(name() + ", " + situation + ": round " + round + " of " + this.rounds);
		}
	}

	/** Changes what the variants of a round show only together. */
	void compare(Map<Variant, Map<Metric, Double>> values) {
	}

	/**
	 * What a part is about.
	 *
	 * @param name its name, also on the command line
	 * @param title in words
	 * @param variants the variants that it compares
	 * @param metrics what it measures, in the order of the table
	 * @param drawn those of them that are drawn
	 */
	record Topic(String name, String title, List<Variant> variants, List<Metric> metrics, List<Metric> drawn) {

	}

	/**
	 * Measures one variant once.
	 */
	interface Trial {

		/**
		 * Returns the values.
		 * @param variant the variant
		 * @param round which of the rounds, from 1
		 */
		Map<Metric, Double> run(Variant variant, int round) throws Exception;

	}

}
