package io.github.headlock.deploy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import io.github.headlock.startup.OnSchemaBehind;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1EnvVar;
import io.kubernetes.client.openapi.models.V1Job;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import io.kubernetes.client.openapi.models.V1Probe;
import io.kubernetes.client.openapi.models.V1Service;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What must hold of a pattern, whichever tool has rendered it.
 */
final class Expectations {

	/** Longest that Headlock takes to cancel a migration when it is told to end. */
	private static final Duration CANCELLATION = Duration.ofSeconds(25);

	private Expectations() {
	}

	static void podsMigrate(Manifests manifests, Duration longest) {
		assertThat(manifests.all(V1Job.class)).isEmpty();
		assertThat(manifests.pods().getInitContainers()).isNullOrEmpty();
		ApplicationView pod = ApplicationView.of(manifests.application());
		assertThat(pod.migrates()).isTrue();
		assertThat(pod.endsAfterwards()).isFalse();
		assertThat(pod.lockTimeout()).isGreaterThan(longest);
		assertThat(startupWindow(manifests)).isGreaterThan(pod.lockTimeout().plus(longest));
		assertThat(progressDeadline(manifests)).isGreaterThan(startupWindow(manifests));
		itMayEndInOrder(manifests, pod);
		assertThat(secrets(manifests.application())).containsExactlyInAnyOrder("parcels-application",
				"parcels-migrator");
	}

	static void jobMigrates(Manifests manifests, Duration longest) {
		assertThat(manifests.pods().getInitContainers()).isNullOrEmpty();
		ApplicationView job = ApplicationView.of(manifests.migrator());
		assertThat(job.migrates()).isTrue();
		assertThat(job.endsAfterwards()).isTrue();
		assertThat(job.lockTimeout()).isGreaterThan(longest);
		assertThat(jobDeadline(manifests)).isGreaterThan(job.lockTimeout().plus(longest).plus(job.finishesWithin()));
		V1PodSpec jobPod = manifests.job().getSpec().getTemplate().getSpec();
		assertThat(jobPod.getContainers()).containsExactly(manifests.migrator());
		assertThat(jobPod.getRestartPolicy()).isEqualTo("Never");
		assertThat(grace(jobPod)).isGreaterThan(CANCELLATION);

		ApplicationView pod = ApplicationView.of(manifests.application());
		assertThat(pod.migrates()).isFalse();
		assertThat(pod.endsAfterwards()).isFalse();
		assertThat(pod.headlock().getOnSchemaBehind()).isEqualTo(OnSchemaBehind.WAIT);
		assertThat(job.headlock().getBackground().isFinish()).isEqualTo(!job.finishesWithin().isZero());
		assertThat(pod.headlock().getBackground().isFinish()).isFalse();
		// those of the Job's attempts that do not get to the background migrations
		assertThat(pod.schemaWaitTimeout())
			.isGreaterThan(jobDeadline(manifests).minus(job.finishesWithin().multipliedBy(2)))
			.isLessThanOrEqualTo(jobDeadline(manifests).plusSeconds(60));
		assertThat(startupWindow(manifests)).isGreaterThan(pod.schemaWaitTimeout());
		assertThat(progressDeadline(manifests)).isGreaterThan(startupWindow(manifests));
		itMayEndInOrder(manifests, pod);
		theMigratorIsTheSameApplication(manifests);
	}

	static void initContainerMigrates(Manifests manifests, Duration longest) {
		assertThat(manifests.all(V1Job.class)).isEmpty();
		assertThat(manifests.pods().getInitContainers()).containsExactly(manifests.migrator());
		ApplicationView init = ApplicationView.of(manifests.migrator());
		assertThat(init.migrates()).isTrue();
		assertThat(init.endsAfterwards()).isTrue();
		assertThat(init.lockTimeout()).isGreaterThan(longest);
		ApplicationView pod = ApplicationView.of(manifests.application());
		assertThat(pod.migrates()).isFalse();
		assertThat(pod.endsAfterwards()).isFalse();
		assertThat(pod.headlock().getOnSchemaBehind()).isEqualTo(OnSchemaBehind.FAIL);
		assertThat(progressDeadline(manifests))
			.isGreaterThan(init.lockTimeout().plus(longest).plus(startupWindow(manifests)));
		itMayEndInOrder(manifests, pod);
		theMigratorIsTheSameApplication(manifests);
	}

	/** What the restricted profile of Pod Security asks for, and a little more. */
	static void hardened(Manifests manifests) {
		assertThat(manifests.podTemplates()).isNotEmpty().allSatisfy((template) -> {
			V1PodSpec pod = template.getSpec();
			assertThat(pod.getAutomountServiceAccountToken()).isFalse();
			assertThat(pod.getEnableServiceLinks()).isFalse();
			assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
			assertThat(pod.getSecurityContext().getRunAsUser()).isPositive();
			assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
			assertThat(pod.getVolumes()).singleElement()
				.satisfies((volume) -> assertThat(volume.getEmptyDir()).isNotNull());
		});
		assertThat(manifests.containers()).allSatisfy((container) -> {
			assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
			assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
			assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
			assertThat(container.getVolumeMounts()).singleElement()
				.satisfies((mount) -> assertThat(mount.getMountPath()).isEqualTo("/tmp"));
			assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
			assertThat(container.getResources().getLimits()).containsKey("memory");
		});
	}

	/** Only the startup probe knows the schema, and only pods that serve get requests. */
	@SuppressWarnings("ReferenceEquality") // other pods may have an equal container
	static void servesWhenReady(Manifests manifests) {
		V1Container application = manifests.application();
		assertThat(path(application.getStartupProbe())).isEqualTo("/actuator/health/startup");
		assertThat(path(application.getLivenessProbe())).isEqualTo("/actuator/health/liveness");
		assertThat(path(application.getReadinessProbe())).isEqualTo("/actuator/health/readiness");
		assertThat(manifests.containers()).filteredOn((container) -> container != application)
			.allSatisfy((container) -> {
				assertThat(container.getStartupProbe()).isNull();
				assertThat(container.getLivenessProbe()).isNull();
				assertThat(container.getReadinessProbe()).isNull();
			});
		V1Deployment deployment = manifests.deployment();
		assertThat(deployment.getSpec().getStrategy().getRollingUpdate().getMaxUnavailable().getIntValue()).isZero();
		Map<String, String> selector = manifests.the(V1Service.class).getSpec().getSelector();
		assertThat(selector).isEqualTo(deployment.getSpec().getSelector().getMatchLabels());
		assertThat(manifests.podTemplates())
			.filteredOn((template) -> template.getMetadata().getLabels().entrySet().containsAll(selector.entrySet()))
			.extracting(V1PodTemplateSpec::getSpec)
			.containsExactly(manifests.pods());
	}

	/** The image and the settings are one; the rights in the database are not. */
	private static void theMigratorIsTheSameApplication(Manifests manifests) {
		V1Container migrator = manifests.migrator();
		V1Container application = manifests.application();
		assertThat(migrator.getImage()).isEqualTo(application.getImage());
		assertThat(migrator.getImagePullPolicy()).isEqualTo(application.getImagePullPolicy());
		assertThat(migrator.getEnvFrom()).isEqualTo(application.getEnvFrom());
		assertThat(ownVariables(migrator)).isEqualTo(ownVariables(application));
		assertThat(secrets(migrator)).containsExactlyInAnyOrder("parcels-application", "parcels-migrator");
		assertThat(secrets(application)).containsExactly("parcels-application");
	}

	static Duration startupWindow(Manifests manifests) {
		V1Probe probe = manifests.application().getStartupProbe();
		return Duration.ofSeconds((long) probe.getPeriodSeconds() * probe.getFailureThreshold());
	}

	static Duration progressDeadline(Manifests manifests) {
		return Duration.ofSeconds(manifests.deployment().getSpec().getProgressDeadlineSeconds());
	}

	static Duration jobDeadline(Manifests manifests) {
		return Duration.ofSeconds(manifests.job().getSpec().getActiveDeadlineSeconds());
	}

	static Duration grace(V1PodSpec pod) {
		return Duration.ofSeconds(pod.getTerminationGracePeriodSeconds());
	}

	private static void itMayEndInOrder(Manifests manifests, ApplicationView application) {
		assertThat(grace(manifests.pods())).isGreaterThan(preStop(manifests).plus(CANCELLATION))
			.isGreaterThanOrEqualTo(preStop(manifests).plus(application.shutdown()));
	}

	private static Duration preStop(Manifests manifests) {
		return Duration.ofSeconds(manifests.application().getLifecycle().getPreStop().getSleep().getSeconds());
	}

	private static String path(V1Probe probe) {
		assertThat(probe.getHttpGet().getPort().getStrValue()).isEqualTo("management");
		return probe.getHttpGet().getPath();
	}

	/** Those that do not differ by who migrates, nor by who serves. */
	private static Set<V1EnvVar> ownVariables(V1Container container) {
		return container.getEnv()
			.stream()
			.filter((variable) -> !variable.getName()
				.matches(
						"(?i)(HEADLOCK_(ENABLED|EXIT|SKIP|ON|SCHEMA|LOCK_|BACKGROUND_FINISH)|SPRING_(FLYWAY|LIFECYCLE)_"
								+ "|(MANAGEMENT_)?SERVER_PORT).*"))
			.collect(Collectors.toSet());
	}

	private static List<String> secrets(V1Container container) {
		return container.getEnv()
			.stream()
			.filter((variable) -> variable.getValueFrom() != null)
			.filter((variable) -> variable.getValueFrom().getSecretKeyRef() != null)
			.map((variable) -> variable.getValueFrom().getSecretKeyRef().getName())
			.distinct()
			.toList();
	}

}
