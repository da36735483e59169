package dev.viber.client;

import java.io.FileNotFoundException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import java.util.function.LongConsumer;

/** A file on its way to the server, telling how much of it was handed over. */
final class CountedFile implements Subscriber<ByteBuffer> {
    private final Subscriber<? super ByteBuffer> to;
    private final LongConsumer sent;
    private long count;

    private CountedFile(Subscriber<? super ByteBuffer> to, LongConsumer sent) {
        this.to = to;
        this.sent = sent;
    }

    static BodyPublisher publisher(Path file, LongConsumer sent) throws FileNotFoundException {
        BodyPublisher plain = BodyPublishers.ofFile(file);
        long length = plain.contentLength();
        // An empty file has no length that the JDK's publisher takes.
        return length == 0
                ? plain
                : BodyPublishers.fromPublisher(
                        subscriber -> plain.subscribe(new CountedFile(subscriber, sent)), length);
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        to.onSubscribe(subscription);
    }

    @Override
    public void onNext(ByteBuffer bytes) {
        count += bytes.remaining();
        sent.accept(count);
        to.onNext(bytes);
    }

    @Override
    public void onError(Throwable failure) {
        to.onError(failure);
    }

    @Override
    public void onComplete() {
        to.onComplete();
    }
}
