package io.github.headlock.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Writes the table of a part: a row for each situation and metric, a column for each
 * variant, and how many times that of plain Flyway it is with Headlock.
 */
final class Table {

	private static final String NOT_MEASURED = "–";

	private final Results results;

	private final Part part;

	Table(Results results, Part part) {
		this.results = results;
		this.part = part;
	}

	/** In Markdown; metrics that were not measured in a situation have no row. */
	String markdown() {
		StringBuilder table = new StringBuilder();
		table.append(
				row(Stream
					.of(Stream.of("", ""), this.part.variants().stream().map(Variant::title),
							Stream.of("Headlock / plain Flyway"))
					.flatMap(Function.identity())
					.toList()));
		table.append("| --- | --- |").append(" ---: |".repeat(this.part.variants().size() + 1)).append('\n');
		for (String situation : this.results.situations(this.part.name())) {
			String title = situation;
			for (Metric metric : this.part.metrics()) {
				Optional<String> row = row(title, situation, metric);
				if (row.isPresent()) {
					table.append(row.get());
					title = "";
				}
			}
		}
		return table.toString();
	}

	private Optional<String> row(String title, String situation, Metric metric) {
		List<Optional<Spread>> spreads = this.part.variants()
			.stream()
			.map((variant) -> this.results.spread(this.part.name(), situation, variant, metric))
			.toList();
		if (spreads.stream().allMatch(Optional::isEmpty)) {
			return Optional.empty();
		}
		List<String> cells = new ArrayList<>(List.of(title, metric.title()));
		spreads.forEach((spread) -> cells.add(text(spread, metric.digits())));
		cells.add(text(this.results.ratio(this.part.name(), situation, metric), 2));
		return Optional.of(row(cells));
	}

	private static String text(Optional<Spread> spread, int digits) {
		return spread.map((values) -> values.text(digits)).orElse(NOT_MEASURED);
	}

	private static String row(List<String> cells) {
		return "| " + String.join(" | ", cells) + " |\n";
	}

}
