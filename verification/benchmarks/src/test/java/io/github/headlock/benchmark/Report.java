package io.github.headlock.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes what a part has measured.
 *
 * @param results what was measured
 * @param machine what it was measured on
 */
record Report(Results results, String machine) {

	/**
	 * The table, in Markdown, after the machine and how often it was measured, and before
	 * what it should reach.
	 */
	String text(Part part) {
		int rounds = this.results.rounds(part.name());
		return this.machine + " " + ((rounds == 1) ? "Measured once." : "Median of " + rounds + " rounds (quartiles).")
				+ "\n\n" + new Table(this.results, part).markdown() + goals(part);
	}

	private String goals(Part part) {
		List<String> lines = this.results.situations(part.name())
			.stream()
			.flatMap((situation) -> part.goals()
				.stream()
				.flatMap((goal) -> goal.text(this.results, part.name(), situation).stream()))
			.toList();
		return lines.isEmpty() ? "" : "\n" + String.join("\n", lines) + "\n";
	}

	/** The picture, as a file of the part's own name. */
	void draw(Part part, Path folder) throws IOException {
		Files.writeString(folder.resolve("performance-" + part.name() + ".svg"),
				new RatioChart(this.results, part).svg());
	}

}
