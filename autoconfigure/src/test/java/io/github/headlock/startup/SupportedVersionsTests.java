package io.github.headlock.startup;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Which versions count as recent enough.
 */
class SupportedVersionsTests {

	@ParameterizedTest
	@CsvSource({ "11.12.0, false", "11.13.3, false", "11.14.0, true", "11.14, true", "11.20.3, true", "11.2.1, false",
			"10.22.0, false", "9.0.0, false", "12.0.0, true", "12.4.0-beta, true", "13.12.0, true", "100.1, true" })
	void aVersionIsComparedByItsNumbers(String version, boolean supported) {
		assertThat(SupportedVersions.isAtLeast(version, 11, 14)).isEqualTo(supported);
	}

	@Test
	void aVersionThatCannotBeToldIsSupported() {
		assertThat(SupportedVersions.isAtLeast(null, 11, 14)).isTrue();
		assertThat(SupportedVersions.isAtLeast("", 11, 14)).isTrue();
		assertThat(SupportedVersions.isAtLeast("snapshot", 11, 14)).isTrue();
	}

	@ParameterizedTest
	@CsvSource({ "3.5.16, 12.4.0, false", "4.0.0, 11.14.0, true", "4.1.2, 13.12.1, true", "4.0.0, 11.13.3, false",
			"4.2.0, 12.4.0, false", "5.0.0, 12.4.0, false", "4.1.2, 14.0.0, false", ", 12.4.0, false",
			"4.1.2, , false" })
	void aVersionIsKnownIfItHasBeenCompared(String springBoot, String flyway, boolean known) {
		assertThat(SupportedVersions.areKnown(springBoot, flyway)).isEqualTo(known);
	}

	@Test
	void theVersionsAtHandAreSupported() {
		assertThat(SupportedVersions.isSpringBootSupported()).isTrue();
		assertThatNoException().isThrownBy(SupportedVersions::ensureFlyway);
		assertThat(SupportedVersions.describe()).matches(".*; found Spring Boot 4\\.\\S+ and Flyway 1[2-9]\\.\\S+");
	}

}
