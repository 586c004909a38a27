package io.github.headlock.deploy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import com.marcnuri.helm.Helm;
import io.github.headlock.background.BackgroundRun;
import io.kubernetes.client.openapi.models.V1Container;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the documentation says of these files.
 */
class KubernetesPageTests {

	private static final String BEFORE = "Before the first release";

	private static final String HELM = "With Helm";

	private static final String BACKGROUND = "Background migrations";

	private final DocumentationPage page = DocumentationPage.read("kubernetes.md");

	@TempDir
	private Path folder;

	@Test
	void thePageBeginsWithWhatTheApplicationNeeds() {
		assertThat(this.page.titles()).first().isEqualTo("What your application needs");
	}

	@Test
	void theSampleHasTheDependencyThatThePageNames() throws IOException {
		String dependency = this.page.block("What your application needs", "xml", "actuator");
		assertThat(Files.readString(Path.of("..", "sample-app", "pom.xml")).replaceAll("\\s", ""))
			.contains(dependency.replaceAll("\\s", ""));
	}

	@Test
	void theValuesOfThePageAreAccepted() throws IOException {
		Manifests manifests = Manifests.parse(rendered(Chart.FOLDER, "shop",
				Files.writeString(this.folder.resolve("values.yaml"), this.page.block(HELM, "yaml", "runIn"))));
		assertThat(manifests.containers()).hasSize(2)
			.extracting(V1Container::getImage)
			.containsOnly("your/parcels:1.4.2");
	}

	@Test
	void theDeadlinesOfThePageAreThoseOfTheChart() {
		Manifests pods = Chart.migratingIn("pods");
		Manifests job = Chart.migratingIn("job");
		Manifests init = Chart.migratingIn("initContainer");
		assertThat(this.page.section("Deadlines")).contains(
				row("`headlock.lock.timeout`", ApplicationView.of(pods.application()).lockTimeout()),
				row("Job: `activeDeadlineSeconds`", Expectations.jobDeadline(job)),
				"| Job: `backoffLimit` | %d |".formatted(job.job().getSpec().getBackoffLimit()),
				row("`headlock.schema-wait-timeout`", ApplicationView.of(job.application()).schemaWaitTimeout()),
				row("startup probe, pods migrate", Expectations.startupWindow(pods)),
				row("startup probe, Job", Expectations.startupWindow(job)),
				row("startup probe, init container", Expectations.startupWindow(init)),
				"| `progressDeadlineSeconds` | %d, %d, %d |".formatted(Expectations.progressDeadline(pods).toSeconds(),
						Expectations.progressDeadline(job).toSeconds(),
						Expectations.progressDeadline(init).toSeconds()),
				"| `terminationGracePeriodSeconds` | %d; Job %d |".formatted(Expectations.grace(job.pods()).toSeconds(),
						Expectations.grace(job.job().getSpec().getTemplate().getSpec()).toSeconds()));
		assertThat(Expectations.progressDeadline(job)).as("the timeouts of the commands")
			.isLessThan(Duration.ofMinutes(45));
	}

	@Test
	void thePatchOfThePageIsWhatItsValuesAre() throws IOException {
		Manifests chart = Manifests
			.parse(rendered(Chart.FOLDER, "shop", Files.writeString(this.folder.resolve("values.yaml"),
					Chart.DATABASE + this.page.block(BACKGROUND, "yaml", "finishBackgroundSeconds"))));
		Path kustomization = Files.createDirectory(this.folder.resolve("around"));
		FileSystemUtils.copyRecursively(Path.of("kustomize"), this.folder.resolve("kustomize"));
		Files.writeString(kustomization.resolve("kustomization.yaml"),
				"resources: [../kustomize/overlays/job]\n" + this.page.block(BACKGROUND, "yaml", "patches"));
		Manifests patched = Kubectl.kustomize(kustomization);
		assertThat(ApplicationView.of(patched.migrator()).finishesWithin()).hasHours(1)
			.isEqualTo(ApplicationView.of(chart.migrator()).finishesWithin());
		assertThat(Expectations.jobDeadline(patched)).isEqualTo(Expectations.jobDeadline(chart));
		Expectations.jobMigrates(patched, Duration.ofMinutes(10));
	}

	@Test
	void podsMayWorkOnBackgroundMigrations() {
		Manifests chart = Chart.migratingIn("initContainer", this.page.block(BACKGROUND, "yaml", "always"));
		assertThat(ApplicationView.of(chart.application()).headlock().getBackground().getRun())
			.isEqualTo(BackgroundRun.ALWAYS);
	}

	private static String row(String deadline, Duration value) {
		return "| %s | %d |".formatted(deadline, value.toSeconds());
	}

	@Test
	void theSecretsHoldThePasswordsAndNoNewline() throws Exception {
		String secrets = run(this.page.block(BEFORE, "shell", "create secret"));
		assertThat(data(secrets)).containsExactly(
				Map.of("username", "parcels_application", "password", "swordfish of the application"),
				Map.of("username", "parcels_migrator", "password", "swordfish of the migrator"));
	}

	@Test
	void aFileThatAnEditorHasWrittenGivesAnotherPassword() throws Exception {
		Files.writeString(this.folder.resolve("password"), "swordfish\n");
		assertThat(data(run("kubectl create secret generic parcels-application --from-file=password")))
			.containsExactly(Map.of("password", "swordfish\n"));
		assertThat(data(run("kubectl create secret generic parcels-application --from-literal=password=swordfish")))
			.containsExactly(Map.of("password", "swordfish"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "shop", "my-shop2" })
	void aRenamedChartIsTheSameUnderAnotherName(String name) throws Exception {
		Files.createSymbolicLink(this.folder.resolve("deploy"), Path.of("").toRealPath());
		run(this.page.block(HELM, "shell", "cp -r").replace("shop", name));
		Path values = Files.writeString(this.folder.resolve("values.yaml"),
				Chart.DATABASE + "migrations: {runIn: job}\n");
		Path renamedValues = Files.writeString(this.folder.resolve("renamed.yaml"),
				Files.readString(values).replace("parcels", name));
		String renamed = rendered(this.folder.resolve(name), name, renamedValues);
		assertThat(withoutHashes(renamed))
			.isEqualTo(withoutHashes(rendered(Chart.FOLDER, "parcels", values).replace("parcels", name)));
		assertThat(Manifests.parse(renamed).job().getMetadata().getName()).startsWith(name + "-migrate-");
		assertThat(new Helm(this.folder.resolve(name)).lint().call().isFailed()).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "pods", "job", "init-container" })
	void renamedOverlaysAreTheSameUnderAnotherName(String overlay) throws Exception {
		Files.createSymbolicLink(this.folder.resolve("deploy"), Path.of("").toRealPath());
		run(this.page.block(HELM, "shell", "cp -r").replace("helm/parcels", "kustomize"));
		String renamed = run("exec '%s' kustomize shop/overlays/%s".formatted(Kubectl.executable(), overlay));
		String original = run(
				"exec '%s' kustomize deploy/kustomize/overlays/%s".formatted(Kubectl.executable(), overlay));
		assertThat(Manifests.parse(renamed).objects()).hasSameSizeAs(Manifests.parse(original).objects());
		assertThat(sorted(withoutHashes(renamed)))
			.isEqualTo(sorted(withoutHashes(original.replace("parcels", "shop"))));
	}

	/** Objects and labels are sorted by name, so another name may stand elsewhere. */
	private static List<String> sorted(String manifests) {
		return manifests.lines().sorted().toList();
	}

	private static String withoutHashes(String manifests) {
		return manifests.replaceAll("-migrate-[a-z0-9]+", "-migrate-hash");
	}

	private static String rendered(Path chart, String release, Path values) {
		return new Helm(chart).template().withName(release).withKubeVersion("1.30.0").withValuesFile(values).call();
	}

	/** Runs commands in the folder, with a kubectl that needs no cluster. */
	private String run(String commands) throws Exception {
		Path errors = this.folder.resolve("errors");
		ProcessBuilder shell = new ProcessBuilder("bash", "-euo", "pipefail", "-c",
				"kubectl() { '%s' \"$@\" --dry-run=client -o yaml; echo ---; }\n%s".formatted(Kubectl.executable(),
						commands))
			.directory(this.folder.toFile())
			.redirectError(errors.toFile());
		shell.environment().put("APPLICATION_PASSWORD", "swordfish of the application");
		shell.environment().put("MIGRATOR_PASSWORD", "swordfish of the migrator");
		Process process = shell.start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
		return output;
	}

	/** The decoded data of Secrets. */
	@SuppressWarnings("unchecked")
	private static List<Map<String, String>> data(String secrets) {
		return Pattern.compile("(?m)^---\n")
			.splitAsStream(secrets)
			.map((secret) -> (Map<String, Object>) new Yaml().load(secret))
			.map((secret) -> (Map<String, String>) secret.get("data"))
			.peek((data) -> data
				.replaceAll((key, value) -> new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)))
			.toList();
	}

}
