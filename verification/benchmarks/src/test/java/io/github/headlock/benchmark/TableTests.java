package io.github.headlock.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class TableTests {

	@TempDir
	private Path folder;

	private Results results;

	@BeforeEach
	void open() {
		this.results = new Results(this.folder.resolve("results.csv"));
	}

	@Test
	void ratiosCompareWithinARound() {
		// the machine was ten times as slow in the second round
		add("a", Variant.PLAIN, 1, Metric.START_TIME, 100);
		add("a", Variant.HEADLOCK, 1, Metric.START_TIME, 50);
		add("a", Variant.HEADLOCK, 2, Metric.START_TIME, 500);
		add("a", Variant.PLAIN, 2, Metric.START_TIME, 1000);
		assertThat(this.results.ratio("part", "a", Metric.START_TIME)).contains(new Spread(0.5, 0.5, 0.5));
		assertThat(table()).contains("| a | whole start: time, ms | 550 (325–775) | 275 (163–388) | 0.50 |\n");
	}

	@Test
	void aRowHasADashWhereNothingWasMeasuredAndIsLeftOutWhereNothingAtAllWas() {
		add("a", Variant.HEADLOCK, 1, Metric.START_TURNS, 5);
		add("b", Variant.PLAIN, 1, Metric.START_TIME, 5);
		assertThat(table()).isEqualTo("""
				|  |  | plain Flyway | Headlock | Headlock / plain Flyway |
				| --- | --- | ---: | ---: | ---: |
				| a | whole start: round trips | – | 5 | – |
				| b | whole start: time, ms | 5 | – | – |
				""");
	}

	@Test
	void whatIsNothingWithPlainFlywayHasNoRatio() {
		add("a", Variant.PLAIN, 1, Metric.START_TURNS, 0);
		add("a", Variant.HEADLOCK, 1, Metric.START_TURNS, 5);
		assertThat(table()).contains("| a | whole start: round trips | 0 | 5 | – |\n");
	}

	@Test
	void situationIsNamedOnce() {
		add("a", Variant.PLAIN, 1, Metric.START_TIME, 3);
		add("a", Variant.PLAIN, 1, Metric.START_TURNS, 4);
		assertThat(table()).contains("| a | whole start: time, ms | 3 |", "|  | whole start: round trips | 4 |");
	}

	@Test
	void fileHasEachValue() throws IOException {
		add("a, b", Variant.PLAIN, 2, Metric.START_TIME, 3);
		assertThat(Files.readString(this.folder.resolve("results.csv"))).isEqualTo("""
				part,situation,variant,round,metric,value
				part,"a, b",PLAIN,2,START_TIME,3.000
				""");
	}

	private void add(String situation, Variant variant, int round, Metric metric, double value) {
		this.results.add(new Measurement("part", situation, variant, round, Map.of(metric, value)));
	}

	private String table() {
		return new Table(this.results, new TestPart(Metric.START_TIME, Metric.START_TURNS)).markdown();
	}

}
