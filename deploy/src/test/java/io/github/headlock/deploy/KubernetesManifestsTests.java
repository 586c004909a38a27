package io.github.headlock.deploy;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * That the check of the rendered objects can fail.
 */
class KubernetesManifestsTests {

	@Test
	void aFieldThatKubernetesDoesNotKnow() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Manifests.parse(job("activeDeadlineSecond: 5", "name: migrate")))
			.withMessageContaining("activeDeadlineSecond");
	}

	@Test
	void aFieldDeepInsideThatKubernetesDoesNotKnow() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Manifests.parse(job("backoffLimit: 3", "{name: migrate, startupProbe: {periods: 5}}")))
			.withMessageContaining("periods");
	}

	@Test
	void aFieldThatIsMissing() {
		assertThatIllegalArgumentException().isThrownBy(() -> Manifests.parse(job("backoffLimit: 3", "image: parcels")))
			.withMessageContaining("name");
	}

	@Test
	void aValueOfAnotherType() {
		assertThatExceptionOfType(RuntimeException.class)
			.isThrownBy(() -> Manifests.parse(job("backoffLimit: many", "name: migrate")));
	}

	@Test
	void aKeyThatStandsTwice() {
		assertThatExceptionOfType(RuntimeException.class)
			.isThrownBy(() -> Manifests.parse(job("backoffLimit: 3\n  backoffLimit: 4", "name: migrate")))
			.withMessageContaining("duplicate key");
	}

	@Test
	void aKindThatKubernetesDoesNotKnow() {
		assertThatIllegalArgumentException().isThrownBy(() -> Manifests.parse("kind: Migration"))
			.withMessageContaining("Migration");
	}

	private static String job(String field, String container) {
		return """
				apiVersion: batch/v1
				kind: Job
				metadata:
				  name: migrate
				spec:
				  %s
				  template:
				    spec:
				      containers:
				        - %s
				""".formatted(field, container);
	}

}
