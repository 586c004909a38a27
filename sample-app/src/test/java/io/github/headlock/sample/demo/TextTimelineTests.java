package io.github.headlock.sample.demo;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TextTimelineTests {

	private final String text = TextTimeline.draw(FixedRollouts.all());

	@Test
	void everyReplicaHasOneRowThatTellsWhatItDid() {
		assertThat(this.text).containsOnlyOnce("  replica-1 ").containsOnlyOnce("  replica-2 ");
		assertThat(row("replica-1")).contains("0.0 s", "10.0 s", "migrated in 4.0 s");
		assertThat(row("replica-2")).contains("0.5 s", "9.5 s", "waited 3.0 s for replica-1");
		assertThat(row("replica-3")).contains("0.0 s", "5.0 s", "fast path, 0.5 s");
	}

	@Test
	void barsAreOnOneScale() {
		assertThat(row("replica-1")).contains(".".repeat(22) + "#".repeat(23) + "-".repeat(11) + "|");
		assertThat(row("replica-2")).contains("   " + ".".repeat(25) + "~".repeat(17) + "-".repeat(8) + "|");
		assertThat(row("replica-3")).contains(".".repeat(14) + ">".repeat(3) + "-".repeat(11) + "|");
	}

	@Test
	void aReplicaThatFailedIsShownWithTheReason() {
		assertThat(row("replica-4")).contains("never", "FAILED: the process ended with exit code 1");
	}

	@Test
	void aRolloutInWhichNothingGotReadyCanBeDrawn() {
		assertThat(TextTimeline.draw(FixedRollouts.all().subList(1, 2))).contains("replica-4", "never");
	}

	@Test
	void aReplicaThatWasGivenUpHasABarToTheEnd() {
		String alone = TextTimeline.draw(List.of(FixedRollouts.noneReady()));
		assertThat(alone).containsPattern("replica-1 +0.0 s  \\.+~+\\? .*never  still waits for a connection")
			.containsPattern("replica-3 +0.0 s  \\.+~+x .*never  exit code 1: Number of retries exceeded")
			.contains("  0 of 3 ready after 30.0 s\n  2 x idle in transaction: SELECT <1>\n");
	}

	@Test
	void aBackgroundMigrationHasARowThatTellsTheTenthsOfItsRows() {
		String background = TextTimeline.draw(List.of(FixedRollouts.background()));
		assertThat(background).containsPattern("fill_tariff +5.0 s {11}[01]+2+3+4+5+6+7+8+9+\\*+ +10000 rows in 10.0 s")
			.containsPattern("replica-3 +0.0 s  \\.+>-+\\|=+ +5.0 s  fast path")
			.containsPattern("next-1 +6.0 s {13}\\.+! +never  refused with exit code 11: fill_tariff is running, 40 %")
			.contains("  1 refused, 2 of 2 ready after 30.0 s\n  2140 requests answered\n");
	}

	@Test
	void theLegendExplainsEverySymbol() {
		assertThat(this.text)
			.contains("  0-9 tenths of the rows that a background migration has filled, * all of them\n");
		assertThat(List.of(Phase.Kind.values()))
			.allSatisfy((kind) -> assertThat(this.text).contains("  %s %s\n".formatted(kind.symbol(), kind.text())));
		assertThat(List.of(ReplicaTimeline.Ending.values())).allSatisfy(
				(ending) -> assertThat(this.text).contains("  %s %s\n".formatted(ending.symbol(), ending.text())));
	}

	private String row(String replica) {
		return this.text.lines().filter((line) -> line.startsWith("  " + replica)).findFirst().orElseThrow();
	}

}
