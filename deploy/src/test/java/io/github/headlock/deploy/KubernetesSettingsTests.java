package io.github.headlock.deploy;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1EnvVar;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * That each property which the files decide stands once in a container, and that no
 * spelling of it in a ConfigMap or Secret of the user comes before.
 */
class KubernetesSettingsTests {

	private static final Map<String, String> OTHERS = Map.ofEntries(Map.entry("headlock.enabled", "false"),
			Map.entry("headlock.skip-migrations", "other"), Map.entry("headlock.exit-after-migration", "other"),
			Map.entry("headlock.on-schema-behind", "report"), Map.entry("headlock.schema-wait-timeout", "1s"),
			Map.entry("headlock.lock.timeout", "1s"), Map.entry("headlock.background.finish", "other"),
			Map.entry("spring.flyway.enabled", "false"), Map.entry("spring.lifecycle.timeout-per-shutdown-phase", "1s"),
			Map.entry("server.port", "1"), Map.entry("management.server.port", "1"));

	static Stream<Manifests> patterns() {
		return Stream.concat(Stream.of("pods", "job", "initContainer").map(Chart::migratingIn),
				Stream.of("pods", "job", "init-container")
					.map((overlay) -> Kubectl.kustomize(Path.of("kustomize", "overlays", overlay))));
	}

	@ParameterizedTest
	@MethodSource("patterns")
	void eachPropertyStandsOnce(Manifests manifests) {
		assertThat(manifests.containers()).allSatisfy(
				(container) -> assertThat(container.getEnv()).extracting((variable) -> folded(variable.getName()))
					.doesNotHaveDuplicates());
	}

	@ParameterizedTest
	@MethodSource("patterns")
	void noSpellingComesBeforeWhatTheFilesDecide(Manifests manifests) {
		Map<String, Integer> compared = new LinkedHashMap<>();
		for (V1Container container : manifests.containers()) {
			List<String> decided = container.getEnv()
				.stream()
				.map(V1EnvVar::getName)
				.map(KubernetesSettingsTests::folded)
				.toList();
			OTHERS.forEach((property, value) -> {
				if (decided.contains(folded(property))) {
					String expected = ApplicationView.of(container).property(property);
					for (String spelling : spellings(property)) {
						assertThat(ApplicationView.of(container, Map.of(spelling, value)).property(property))
							.as(spelling)
							.isEqualTo(expected)
							.isNotEqualTo(value);
					}
					compared.merge(property, 1, Integer::sum);
				}
			});
		}
		assertThat(compared).containsKeys("headlock.enabled", "headlock.skip-migrations",
				"headlock.exit-after-migration", "spring.flyway.enabled", "headlock.lock.timeout",
				"headlock.background.finish", "spring.lifecycle.timeout-per-shutdown-phase", "server.port",
				"management.server.port");
	}

	private static List<String> spellings(String property) {
		String underscored = property.replace('.', '_').replace('-', '_');
		String joined = property.replace('.', '_').replace("-", "");
		String camelCase = Pattern.compile("-(.)")
			.matcher(property)
			.replaceAll((c) -> c.group(1).toUpperCase(Locale.ROOT));
		return List.of(underscored.toUpperCase(Locale.ROOT), joined.toUpperCase(Locale.ROOT), underscored, joined,
				property, camelCase);
	}

	/** As Spring Boot compares names. */
	private static String folded(String name) {
		return name.toLowerCase(Locale.ROOT).replaceAll("[-._]", "");
	}

}
