package io.github.headlock.deploy;

import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Job;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * Objects of Kubernetes, each of them valid: it has no field that Kubernetes does not
 * know, and lacks none that it asks for.
 */
record Manifests(List<KubernetesObject> objects) {

	/**
	 * Reads and checks the documents of a YAML stream.
	 * @param yaml the stream, in which no key may stand twice
	 * @throws IllegalArgumentException if an object is not valid
	 */
	static Manifests parse(String yaml) {
		LoaderOptions options = new LoaderOptions();
		options.setAllowDuplicateKeys(false);
		List<KubernetesObject> objects = new ArrayList<>();
		for (Object document : new Yaml(new SafeConstructor(options)).loadAll(yaml)) {
			if (document instanceof Map) {
				objects.add(object(new Gson().toJsonTree(document).getAsJsonObject()));
			}
		}
		return new Manifests(objects);
	}

	private static KubernetesObject object(JsonObject json) {
		String kind = json.get("kind").getAsString();
		try {
			Class<?> type = Class.forName(V1Deployment.class.getPackageName() + ".V1" + kind);
			type.getMethod("validateJsonElement", JsonElement.class).invoke(null, json);
			return (KubernetesObject) JSON.deserialize(json.toString(), type);
		}
		catch (InvocationTargetException ex) {
			throw new IllegalArgumentException(kind + ": " + ex.getCause().getMessage(), ex.getCause());
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalArgumentException("Kubernetes knows no " + kind, ex);
		}
	}

	<T extends KubernetesObject> List<T> all(Class<T> type) {
		return this.objects.stream().filter(type::isInstance).map(type::cast).toList();
	}

	<T extends KubernetesObject> T the(Class<T> type) {
		List<T> found = all(type);
		if (found.size() != 1) {
			throw new AssertionError("%d of %s".formatted(found.size(), type.getSimpleName()));
		}
		return found.get(0);
	}

	V1Deployment deployment() {
		return the(V1Deployment.class);
	}

	/** The pods that serve. */
	V1PodSpec pods() {
		return deployment().getSpec().getTemplate().getSpec();
	}

	V1Job job() {
		return the(V1Job.class);
	}

	/** The container that serves. */
	V1Container application() {
		return pods().getContainers().get(0);
	}

	/** The container that migrates and ends, of the Job or before the application. */
	V1Container migrator() {
		List<V1Container> found = containers().stream()
			.filter((container) -> container.getName().equals("migrate"))
			.toList();
		if (found.size() != 1) {
			throw new AssertionError(found.size() + " migrators");
		}
		return found.get(0);
	}

	List<V1PodTemplateSpec> podTemplates() {
		List<V1PodTemplateSpec> templates = new ArrayList<>();
		all(V1Deployment.class).forEach((deployment) -> templates.add(deployment.getSpec().getTemplate()));
		all(V1Job.class).forEach((job) -> templates.add(job.getSpec().getTemplate()));
		return templates;
	}

	/** Everything that runs the image. */
	List<V1Container> containers() {
		List<V1Container> containers = new ArrayList<>();
		for (V1PodTemplateSpec template : podTemplates()) {
			if (template.getSpec().getInitContainers() != null) {
				containers.addAll(template.getSpec().getInitContainers());
			}
			containers.addAll(template.getSpec().getContainers());
		}
		return containers;
	}

}
