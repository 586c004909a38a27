package io.github.headlock.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class ReportTests {

	@TempDir
	private Path folder;

	@Test
	void saysWhereAndHowOftenItWasMeasured() throws IOException {
		Results results = new Results(this.folder.resolve("results.csv"));
		Report report = new Report(results, "A machine.");
		TestPart part = new TestPart(Metric.START_TIME);
		results.add(new Measurement("part", "a", Variant.PLAIN, 1, Map.of(Metric.START_TIME, 2.0)));
		assertThat(report.text(part)).startsWith("A machine. Measured once.\n\n| ");
		results.add(new Measurement("part", "a", Variant.PLAIN, 2, Map.of(Metric.START_TIME, 2.0)));
		assertThat(report.text(part)).startsWith("A machine. Median of 2 rounds (quartiles).\n\n| ")
			.doesNotContain("Goal");
		report.draw(part, this.folder);
		assertThat(this.folder.resolve("performance-part.svg")).content().startsWith("<svg ");
	}

	@Test
	void saysWhichGoalsAreMetByTheMedianOfTheRatios() {
		Results results = new Results(this.folder.resolve("results.csv"));
		TestPart part = new TestPart(List.of(new Goal(Metric.WAL, 1.2), new Goal(Metric.BACKEND_CPU, 1.2)), Metric.WAL);
		add(results, 1, Variant.PLAIN, 100, 100);
		add(results, 1, Variant.HEADLOCK, 120, 121);
		add(results, 2, Variant.PLAIN, 300, 300);
		add(results, 2, Variant.HEADLOCK, 330, 363);
		add(results, 3, Variant.PLAIN, 10, 10);
		add(results, 3, Variant.HEADLOCK, 20, 20);
		assertThat(new Report(results, "A machine.").text(part)).endsWith("""

				- Goal, a: WAL at most 1.2 times that of plain Flyway: met with 1.200, that of the medians is 1.200.
				- Goal, a: CPU of the application's sessions in PostgreSQL at most 1.2 times that of plain Flyway: \
				missed with 1.210, that of the medians is 1.210.
				""");
	}

	private static void add(Results results, int round, Variant variant, double wal, double cpu) {
		results.add(new Measurement("part", "a", variant, round, Map.of(Metric.WAL, wal, Metric.BACKEND_CPU, cpu)));
	}

}
