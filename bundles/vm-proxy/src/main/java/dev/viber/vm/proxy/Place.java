package dev.viber.vm.proxy;

import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Where a request goes.
 *
 * @param name the VM's
 * @param rest the path behind the door's word, empty or with a slash at its front
 * @param query without its question mark; null for none
 */
record Place(String name, String rest, @Nullable String query) {
    /** Of a path {@code .../vms/NAME/WORD...}, as the client spelled it. */
    static Place of(Request request, String word) {
        String path = request.getHttpURI().getPath();
        int name = path.indexOf("/vms/") + 5;
        int end = path.indexOf('/', name);
        return new Place(
                path.substring(name, end),
                path.substring(end + 1 + word.length()),
                request.getHttpURI().getQuery());
    }

    /** The path asked of a guest, with the query. */
    String target(String path) {
        return query == null ? path : path + "?" + query;
    }
}
