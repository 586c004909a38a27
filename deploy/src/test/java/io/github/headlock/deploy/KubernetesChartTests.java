package io.github.headlock.deploy;

import java.time.Duration;

import com.marcnuri.helm.Helm;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1PodFailurePolicyRule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the Helm chart renders to.
 */
class KubernetesChartTests {

	private static final Duration LONGEST = Duration.ofMinutes(10);

	@Test
	void podsMigrateByDefault() {
		Expectations.podsMigrate(Chart.render(), LONGEST);
	}

	@Test
	void podsMigrate() {
		Expectations.podsMigrate(Chart.migratingIn("pods"), LONGEST);
	}

	@Test
	void jobMigratesAndPodsWait() {
		Expectations.jobMigrates(Chart.migratingIn("job"), LONGEST);
	}

	@Test
	void initContainerMigratesAndPodsSkip() {
		Expectations.initContainerMigrates(Chart.migratingIn("initContainer"), LONGEST);
	}

	@ParameterizedTest
	@ValueSource(strings = { "pods", "job", "initContainer" })
	void everyPatternIsHardenedAndServesWhenReady(String runIn) {
		Manifests manifests = Chart.migratingIn(runIn);
		Expectations.hardened(manifests);
		Expectations.servesWhenReady(manifests);
	}

	@ParameterizedTest
	@ValueSource(strings = { "pods", "job", "initContainer" })
	void everythingRunsTheOneImage(String runIn) {
		assertThat(Chart.migratingIn(runIn, "image: {repository: shop/parcels, tag: 1.4.2}\n").containers())
			.extracting(V1Container::getImage)
			.containsOnly("shop/parcels:1.4.2");
		String digest = "sha256:" + "0123456789abcdef".repeat(4);
		assertThat(Chart.migratingIn(runIn, "image: {tag: 1.4.2, digest: \"%s\"}\n".formatted(digest)).containers())
			.extracting(V1Container::getImage)
			.containsOnly("parcels@" + digest);
	}

	@Test
	void theJobIsAnotherOneWheneverItsSpecificationIs() {
		String job = jobName("image: {tag: 1.0.0}\n");
		assertThat(jobName("image: {tag: 1.0.0}\n")).isEqualTo(job).startsWith("shop-parcels-migrate-");
		assertThat(jobName("replicas: 7\n", "image: {tag: 1.0.0}\n")).isEqualTo(job);
		assertThat(jobName("image: {tag: 1.0.1}\n")).isNotEqualTo(job);
		assertThat(jobName("image: {tag: 1.0.0}\n", "env: [{name: A, value: b}]\n")).isNotEqualTo(job);
		assertThat(jobName("image: {tag: 1.0.0}\n", "application: {startSeconds: 60}\n")).isNotEqualTo(job);
		assertThat(job).hasSizeLessThanOrEqualTo(63);
	}

	@Test
	void aFailedJobCanBeRunAgain() {
		assertThat(Chart.render("migrations: {runIn: job, job: {run: 2}}\n").job().getMetadata().getName())
			.isNotEqualTo(jobName());
	}

	@Test
	void theJobIsNoHook() {
		assertThat(Chart.migratingIn("job").job().getMetadata().getAnnotations()).isNullOrEmpty();
	}

	@Test
	void theJobDoesNotRepeatWhatWasRefused() {
		assertThat(Chart.migratingIn("job").job().getSpec().getPodFailurePolicy().getRules().get(0))
			.extracting(V1PodFailurePolicyRule::getAction, (rule) -> rule.getOnExitCodes().getValues().toString())
			.containsExactly("FailJob", "[11, 13]");
	}

	@Test
	void ownSettingsReachEverythingThatRunsTheImage() {
		Manifests manifests = Chart.migratingIn("job", """
				env: [{name: HEADLOCK_SESSIONS_ROLES, value: parcels_app}]
				envFrom: [{secretRef: {name: parcels-settings}}]
				imagePullSecrets: [{name: pull}]
				""");
		assertThat(manifests.containers()).hasSize(2).allSatisfy((container) -> {
			assertThat(ApplicationView.of(container).headlock().getSessions().getRoles())
				.containsExactly("parcels_app");
			assertThat(container.getEnvFrom().get(0).getSecretRef().getName()).isEqualTo("parcels-settings");
		});
		assertThat(manifests.podTemplates())
			.allSatisfy((template) -> assertThat(template.getSpec().getImagePullSecrets()).hasSize(1));
	}

	@Test
	void theNotesNameTheTimeThatARolloutMayTake() {
		assertThat(Chart.notes("migrations: {runIn: job}\n")).contains("Migrations run in: job",
				"helm upgrade --wait --wait-for-jobs --timeout 2580s", "component=migration");
		assertThat(Chart.notes("migrations: {runIn: pods}\n")).contains("helm upgrade --wait --timeout 1680s")
			.doesNotContain("component=migration");
	}

	@Test
	void theNotesSayWhoWorksOnBackgroundMigrations() {
		String nobody = "Nobody works on background migrations";
		String always = "env: [{name: HEADLOCK_BACKGROUND_RUN, value: always}]\n";
		assertThat(Chart.notes("migrations: {runIn: pods}\n")).doesNotContain(nobody);
		assertThat(Chart.notes("migrations: {runIn: job}\n")).contains(nobody, "finishBackgroundSeconds",
				"HEADLOCK_BACKGROUND_RUN");
		assertThat(Chart.notes("migrations: {runIn: initContainer}\n")).contains(nobody, "HEADLOCK_BACKGROUND_RUN")
			.doesNotContain("finishBackgroundSeconds");
		assertThat(Chart.notes("migrations: {runIn: initContainer}\n" + always)).doesNotContain(nobody);
		assertThat(Chart.notes("migrations: {runIn: job, job: {finishBackgroundSeconds: 3600}}\n"))
			.contains("for at most 3600 seconds", "--wait-for-jobs --timeout 9540s", "--timeout 2580s is enough")
			.doesNotContain(nobody);
	}

	@Test
	void lintFindsNothing() {
		assertThat(new Helm(Chart.FOLDER).lint().call().getMessages())
			.filteredOn((message) -> !message.contains("icon is recommended"))
			.isEmpty();
	}

	private static String jobName(String... values) {
		return Chart.migratingIn("job", values).job().getMetadata().getName();
	}

}
