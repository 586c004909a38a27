package io.github.headlock.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1EnvVar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the Kustomize overlays render to.
 */
class KubernetesOverlaysTests {

	private static final Duration LONGEST = Duration.ofMinutes(10);

	private static final Path FOLDER = Path.of("kustomize");

	@Test
	void podsMigrate() {
		Expectations.podsMigrate(overlay("pods"), LONGEST);
	}

	@Test
	void jobMigratesAndPodsWait() {
		Expectations.jobMigrates(overlay("job"), LONGEST);
	}

	@Test
	void initContainerMigratesAndPodsSkip() {
		Expectations.initContainerMigrates(overlay("init-container"), LONGEST);
	}

	@ParameterizedTest
	@ValueSource(strings = { "pods", "job", "init-container" })
	void everyOverlayIsHardenedAndServesWhenReady(String name) {
		Expectations.hardened(overlay(name));
		Expectations.servesWhenReady(overlay(name));
	}

	@Test
	void nobodyMigratesWithoutAnOverlay() {
		assertThat(ApplicationView.of(Kubectl.kustomize(FOLDER.resolve("base")).application()).migrates()).isFalse();
	}

	@ParameterizedTest
	@CsvSource({ "pods, pods", "job, job", "init-container, initContainer" })
	void overlaysAndChartAgree(String name, String runIn) {
		Manifests overlay = overlay(name);
		Manifests chart = Chart.migratingIn(runIn);
		assertThat(Expectations.progressDeadline(overlay)).isEqualTo(Expectations.progressDeadline(chart));
		assertThat(overlay.deployment().getSpec().getStrategy()).isEqualTo(chart.deployment().getSpec().getStrategy());
		assertThat(overlay.pods().getTerminationGracePeriodSeconds())
			.isEqualTo(chart.pods().getTerminationGracePeriodSeconds());
		assertThat(overlay.pods().getSecurityContext()).isEqualTo(chart.pods().getSecurityContext());
		List<V1Container> containers = overlay.containers();
		assertThat(containers).hasSameSizeAs(chart.containers());
		for (int i = 0; i < containers.size(); i++) {
			agree(containers.get(i), chart.containers().get(i));
		}
		if (runIn.equals("job")) {
			assertThat(Expectations.jobDeadline(overlay)).isEqualTo(Expectations.jobDeadline(chart));
			assertThat(overlay.job().getSpec().getBackoffLimit()).isEqualTo(chart.job().getSpec().getBackoffLimit());
			assertThat(overlay.job().getSpec().getPodFailurePolicy())
				.isEqualTo(chart.job().getSpec().getPodFailurePolicy());
			assertThat(overlay.job().getSpec().getTemplate().getSpec().getTerminationGracePeriodSeconds())
				.isEqualTo(chart.job().getSpec().getTemplate().getSpec().getTerminationGracePeriodSeconds());
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "HEADLOCK_SKIP_MIGRATIONS", "HEADLOCK_SKIPMIGRATIONS", "headlock.skip-migrations" })
	void settingsCannotMakePodsMigrate(String name) {
		for (String overlay : new String[] { "job", "init-container" }) {
			assertThat(ApplicationView.of(overlay(overlay).application(), Map.of(name, "false")).migrates()).isFalse();
			assertThat(ApplicationView.of(overlay(overlay).migrator(), Map.of(name, "true")).migrates()).isTrue();
		}
	}

	@Test
	void aNewTagMakesANewJobOfTheSameImage(@TempDir Path copy) throws IOException {
		copy(FOLDER, copy);
		Path overlay = copy.resolve("overlays/job");
		Path kustomization = overlay.resolve("kustomization.yaml");
		Files.writeString(kustomization,
				Files.readString(kustomization).replace("newTag: 0.1.0", "newTag: 1.4.2-rc.1"));
		Manifests manifests = Kubectl.kustomize(overlay);
		assertThat(manifests.job().getMetadata().getName()).isEqualTo("parcels-migrate.1.4.2-rc.1");
		assertThat(manifests.containers()).extracting(V1Container::getImage).containsOnly("parcels:1.4.2-rc.1");
	}

	private static void agree(V1Container overlay, V1Container chart) {
		assertThat(variables(overlay)).isEqualTo(variables(chart));
		assertThat(overlay.getStartupProbe()).isEqualTo(chart.getStartupProbe());
		assertThat(overlay.getLivenessProbe()).isEqualTo(chart.getLivenessProbe());
		assertThat(overlay.getReadinessProbe()).isEqualTo(chart.getReadinessProbe());
		assertThat(overlay.getSecurityContext()).isEqualTo(chart.getSecurityContext());
		assertThat(overlay.getResources()).isEqualTo(chart.getResources());
		assertThat(overlay.getLifecycle()).isEqualTo(chart.getLifecycle());
		assertThat(overlay.getPorts()).isEqualTo(chart.getPorts());
		assertThat(overlay.getVolumeMounts()).isEqualTo(chart.getVolumeMounts());
	}

	/** By name, without where the two URLs come from. */
	private static Map<String, String> variables(V1Container container) {
		Map<String, String> variables = new TreeMap<>();
		for (V1EnvVar variable : container.getEnv()) {
			variables.put(variable.getName(), variable.getName().endsWith("_URL") ? "a URL"
					: (variable.getValue() != null) ? variable.getValue() : variable.getValueFrom().toString());
		}
		return variables;
	}

	private static Manifests overlay(String name) {
		return Kubectl.kustomize(FOLDER.resolve("overlays").resolve(name));
	}

	private static void copy(Path from, Path to) throws IOException {
		try (Stream<Path> files = Files.walk(from)) {
			files.sorted(Comparator.naturalOrder()).forEach((file) -> {
				try {
					Path target = to.resolve(from.relativize(file).toString());
					if (Files.isDirectory(file)) {
						Files.createDirectories(target);
					}
					else {
						Files.copy(file, target);
					}
				}
				catch (IOException ex) {
					throw new UncheckedIOException(ex);
				}
			});
		}
	}

}
