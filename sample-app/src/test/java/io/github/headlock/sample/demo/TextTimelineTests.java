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
	void theLegendExplainsEverySymbol() {
		assertThat(List.of(Phase.Kind.values()))
			.allSatisfy((kind) -> assertThat(this.text).contains("  %s %s\n".formatted(kind.symbol(), kind.text())));
		assertThat(List.of(ReplicaTimeline.Ending.values())).allSatisfy(
				(ending) -> assertThat(this.text).contains("  %s %s\n".formatted(ending.symbol(), ending.text())));
	}

	private String row(String replica) {
		return this.text.lines().filter((line) -> line.startsWith("  " + replica)).findFirst().orElseThrow();
	}

}
