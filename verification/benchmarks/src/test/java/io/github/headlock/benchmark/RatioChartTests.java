package io.github.headlock.benchmark;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

import javax.xml.parsers.DocumentBuilderFactory;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class RatioChartTests {

	@TempDir
	private Path folder;

	private Results results;

	@BeforeEach
	void open() {
		this.results = new Results(this.folder.resolve("results.csv"));
	}

	@Test
	void barHasTheLengthOfTheRatioBesideALineAtOne() throws Exception {
		add("10 migrations", Variant.PLAIN, 200);
		add("10 migrations", Variant.HEADLOCK, 50);
		String svg = svg();
		int one = RatioChart.LEFT + RatioChart.WIDTH_OF_ONE;
		assertThat(svg).contains("<line class=\"plain\" x1=\"%d\"".formatted(one))
			.contains("<rect class=\"headlock\" x=\"%d\" y=\"".formatted(RatioChart.LEFT))
			.contains("width=\"%.1f\"".formatted(RatioChart.WIDTH_OF_ONE / 4.0))
			.contains("10 migrations", "0.25 ×: 50 ms instead of 200 ms", "whole start: time");
	}

	@Test
	void barThatIsTooLongEndsAtTheEdge() throws Exception {
		add("a", Variant.PLAIN, 1);
		add("a", Variant.HEADLOCK, 1000);
		assertThat(svg()).contains("1000.00 ×: 1000 ms instead of 1 ms")
			.contains("width=\"%.1f\"".formatted(RatioChart.WIDTH_OF_ONE * RatioChart.MOST));
	}

	@Test
	void withoutFiguresOfPlainFlywayThereAreOnlyWords() throws Exception {
		add("a", Variant.HEADLOCK, 7);
		assertThat(svg()).doesNotContain("<rect class=\"headlock\"").contains("7 ms; plain Flyway: none");
	}

	@Test
	void readableInLightAndDark() throws Exception {
		add("a < b", Variant.HEADLOCK, 7);
		assertThat(svg()).contains("prefers-color-scheme: dark", "a &lt; b");
	}

	private void add(String situation, Variant variant, double value) {
		this.results.add(new Measurement("part", situation, variant, 1, Map.of(Metric.START_TIME, value)));
	}

	private String svg() throws Exception {
		String svg = new RatioChart(this.results, new TestPart(Metric.START_TIME)).svg();
		DocumentBuilderFactory.newInstance()
			.newDocumentBuilder()
			.parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
		return svg;
	}

}
