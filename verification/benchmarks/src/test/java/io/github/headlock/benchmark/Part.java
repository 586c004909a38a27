package io.github.headlock.benchmark;

/**
 * A part of the benchmark.
 */
interface Part {

	/** Its name, also on the command line. */
	String name();

	/** Measures one round after the other. */
	void run(Results results) throws Exception;

	/** What it says about its results, in Markdown. */
	String report(Results results);

}
