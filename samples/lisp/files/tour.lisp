; closures, recursion, tail calls, garbage

(define (map f list)
  (if (null? list) nil (cons (f (car list)) (map f (cdr list)))))

(define (filter keep list)
  (if (null? list) nil
      (if (keep (car list))
          (cons (car list) (filter keep (cdr list)))
          (filter keep (cdr list)))))

(define (range a b) (if (< a b) (cons a (range (+ a 1) b)) nil))

(map (lambda (x) (* x x)) (range 1 8))

; a closure keeps its own n
(define (make-counter)
  (let ((n 0)) (lambda () (set! n (+ n 1)) n)))
(define tick (make-counter))
(define tock (make-counter))
(tick)
(tick)
(list (tick) (tock))

; plain recursion: a frame of eval for every level
(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
(map fib (range 0 9))

; tail recursion: one frame, however far it goes
(define (count-down n) (if (= n 0) 'landed (count-down (- n 1))))
(count-down 500)

; quicksort, all garbage
(define (append a b) (if (null? a) b (cons (car a) (append (cdr a) b))))
(define (sort list)
  (if (null? list) nil
      (let ((pivot (car list)) (rest (cdr list)))
        (append (sort (filter (lambda (x) (< x pivot)) rest))
                (cons pivot
                      (sort (filter (lambda (x) (not (< x pivot))) rest)))))))
(sort '(31 4 15 9 26 5 35 8 97 93 23 84))

; queens on a board of four: the first solution
(define (safe? column distance placed)
  (or (null? placed)
      (and (not (= (car placed) column))
           (not (= (car placed) (+ column distance)))
           (not (= (car placed) (- column distance)))
           (safe? column (+ distance 1) (cdr placed)))))
(define (queens n placed column)
  (if (= (length placed) n) placed
      (if (> column n) nil
          (or (and (safe? column 1 placed) (queens n (cons column placed) 1))
              (queens n placed (+ column 1))))))
(queens 4 nil 1)

(define i 3)
(while (> i 0) (display i) (newline) (set! i (- i 1)))
'(the end)
