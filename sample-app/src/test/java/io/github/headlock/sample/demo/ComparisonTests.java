package io.github.headlock.sample.demo;

import java.util.Optional;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ComparisonTests {

	@Test
	void whereNoReplicaOfFlywayAloneGotReadyThePictureSaysSo() {
		String svg = compare(FixedRollouts.noneReady());
		assertThat(svg)
			.contains("<title id=\"title\">3 replicas. Flyway alone: 0 of 3 ready. With Headlock: 3 of 3 ready.")
			.contains("<desc id=\"description\">Flyway alone. replica-1: still waits for a connection; replica-2: ")
			.contains(">0 of 3 ready after 30.0 s<", ">3 of 3 ready after 10.0 s<")
			.contains(">still waits for a connection<", ">exit code 1: Number of retries exceeded<")
			.contains(">2 x idle in transaction: SELECT &lt;1&gt;<")
			.contains(">never ready: given up here<", ">failed: process ended<",
					">ready: startup probe UP, or Job ended<");
		assertThat(svg.indexOf(">Flyway alone<")).isLessThan(svg.indexOf(">With Headlock<"));
		assertThat(svg).contains("class=\"result bad\"", "class=\"result good\"");
	}

	@Test
	void whereAllOfThemGotReadyThePictureSaysThat() {
		String svg = compare(FixedRollouts.allReady());
		assertThat(svg).contains("Flyway alone: 2 of 2 ready. With Headlock: 3 of 3 ready.")
			.contains(">2 of 2 ready after 12.0 s<", ">12.0 s: migrated in 4.0 s<")
			.doesNotContain("never ready:", ">failed: process ended<", "class=\"result bad\"", "words bad");
	}

	@Test
	void theOutputHasBothResultsToo() {
		assertThat(comparison(FixedRollouts.noneReady()).sentences())
			.containsExactly("Flyway alone:  0 of 3 ready after 30.0 s", "With Headlock: 3 of 3 ready after 10.0 s");
	}

	@Test
	void withoutARolloutOfFlywayAloneThePictureHasHeadlocksOnly() {
		Comparison comparison = new Comparison("3 replicas", FixedRollouts.all().get(0), Optional.empty());
		assertThat(comparison.picture()).contains("With Headlock").doesNotContain("Flyway alone");
		assertThat(comparison.sentences()).isEmpty();
	}

	@Test
	void flywayAloneHasHalfAMinuteMoreThanHeadlockTook() {
		assertThat(PlainRollout.limit(FixedRollouts.all().get(0))).hasSeconds(40);
	}

	private static String compare(RolloutTimeline plain) {
		return comparison(plain).picture();
	}

	private static Comparison comparison(RolloutTimeline plain) {
		return new Comparison("3 replicas", FixedRollouts.all().get(0), Optional.of(plain));
	}

}
