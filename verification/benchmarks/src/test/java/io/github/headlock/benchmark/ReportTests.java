package io.github.headlock.benchmark;

import java.io.IOException;
import java.nio.file.Path;
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
		assertThat(report.text(part)).startsWith("A machine. Median of 2 rounds (quartiles).\n\n| ");
		report.draw(part, this.folder);
		assertThat(this.folder.resolve("performance-part.svg")).content().startsWith("<svg ");
	}

}
