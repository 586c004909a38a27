package io.github.headlock.benchmark;

import java.util.List;

/**
 * A part of the benchmark.
 */
interface Part {

	/** Its name, also on the command line. */
	String name();

	/** What it is about, in words. */
	String title();

	/** The variants that it compares. */
	List<Variant> variants();

	/** What it measures, in the order of the table. */
	List<Metric> metrics();

	/** Those of them that are drawn. */
	List<Metric> drawn();

	/** What it should reach. */
	default List<Goal> goals() {
		return List.of();
	}

	/** Measures one round after the other. */
	void run(Results results) throws Exception;

}
