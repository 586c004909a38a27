package io.github.headlock.sample.demo;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class DemoOptionsTests {

	@Test
	void withoutArgumentsThereAreSixReplicas() {
		assertThat(DemoOptions.parse().replicas()).isEqualTo(6);
	}

	@Test
	void theNumberOfReplicasCanBeGivenInTwoWays() {
		assertThat(DemoOptions.parse("--replicas", "3").replicas()).isEqualTo(3);
		assertThat(DemoOptions.parse("--replicas=12").replicas()).isEqualTo(12);
	}

	@Test
	void theLimitOfFlywayAloneIsInSecondsAndMayBeLeftOut() {
		assertThat(DemoOptions.parse().limit()).isEmpty();
		assertThat(DemoOptions.parse("--limit", "45").limit()).contains(Duration.ofSeconds(45));
		assertThat(DemoOptions.parse("--replicas=2", "--limit=0").limit()).contains(Duration.ZERO);
	}

	@ParameterizedTest
	@ValueSource(strings = { "601", "-1", "45s", "", "99999999999" })
	void aSenselessLimitIsRefusedAndQuoted(String limit) {
		assertThatIllegalArgumentException().isThrownBy(() -> DemoOptions.parse("--limit", limit))
			.withMessage("--limit must be a number from 0 to 600, not '%s'", limit);
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "51", "-1", "six", "1.5", "", "99999999999" })
	void aSenselessNumberIsRefusedAndQuoted(String number) {
		assertThatIllegalArgumentException().isThrownBy(() -> DemoOptions.parse("--replicas", number))
			.withMessage("--replicas must be a number from 1 to 50, not '%s'", number);
	}

	@Test
	void aMissingNumberIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> DemoOptions.parse("--limit"))
			.withMessage("--limit needs a number");
		assertThatIllegalArgumentException().isThrownBy(() -> DemoOptions.parse("--replicas"))
			.withMessage("--replicas needs a number");
	}

	@Test
	void anUnknownArgumentIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> DemoOptions.parse("--replica=3"))
			.withMessage("unknown argument: --replica=3");
	}

}
