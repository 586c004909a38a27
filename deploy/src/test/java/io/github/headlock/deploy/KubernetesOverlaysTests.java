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
import io.kubernetes.client.openapi.models.V1ObjectMeta;
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

	@ParameterizedTest
	@ValueSource(strings = { "parcels:1.4.2-rc.1", "registry.example/team/shop:1.2", "registry.example:5000/shop:1.2",
			"registry.example:5000/shop@sha256:9b2a1c5b6f0e4d3c8a7b9b2a1c5b6f0e4d3c8a7b9b2a1c5b6f0e4d3c8a7b0000" })
	void aNewImageMakesANewJobOfTheSameImage(String image, @TempDir Path copy) throws IOException {
		copy(FOLDER, copy);
		Path overlay = copy.resolve("overlays/job");
		Path kustomization = overlay.resolve("kustomization.yaml");
		Files.writeString(kustomization,
				Files.readString(kustomization)
					.replace("newName: parcels", "newName: " + image.replaceFirst("(@|:(?=[^:/]+$)).*", ""))
					.replace("newTag: 0.1.0", image.contains("@") ? "digest: " + image.replaceFirst(".*@", "")
							: "newTag: \"" + image.replaceFirst(".*:", "") + "\""));
		aJobOfItsOwn(Kubectl.kustomize(overlay), image);
	}

	@Test
	void aKustomizationAroundTheOverlayMayChangeTheImage(@TempDir Path copy) throws IOException {
		copy(FOLDER, copy);
		aJobOfItsOwn(around(copy, """
				images:
				  - name: parcels
				    newName: registry.example:5000/shop
				    newTag: "1.2"
				"""), "registry.example:5000/shop:1.2");
	}

	@Test
	void aChangeOfTheJobMakesANewJob(@TempDir Path copy) throws IOException {
		copy(FOLDER, copy);
		aJobOfItsOwn(around(copy, """
				patches:
				  - target: {kind: Job}
				    patch: |-
				      - {op: replace, path: /spec/backoffLimit, value: 5}
				"""), "parcels:0.1.0");
	}

	@Test
	void aChangeOfThePodsMakesNoNewJob(@TempDir Path copy) throws IOException {
		copy(FOLDER, copy);
		assertThat(around(copy, "replicas: [{name: parcels, count: 7}]\n").job().getMetadata())
			.isEqualTo(overlay("job").job().getMetadata());
	}

	/** A Job cannot be changed, and its name is a label of its pods, too. */
	private static void aJobOfItsOwn(Manifests manifests, String image) {
		V1ObjectMeta job = manifests.job().getMetadata();
		assertThat(job.getName()).matches("parcels-migrate-[a-z0-9]{10}")
			.isNotEqualTo(overlay("job").job().getMetadata().getName());
		assertThat(job.getAnnotations()).isNullOrEmpty();
		assertThat(manifests.containers()).hasSize(2).extracting(V1Container::getImage).containsOnly(image);
	}

	private static Manifests around(Path copy, String lines) throws IOException {
		Path folder = Files.createDirectory(copy.resolve("around"));
		Files.writeString(folder.resolve("kustomization.yaml"), "resources: [../overlays/job]\n" + lines);
		return Kubectl.kustomize(folder);
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
